/* Which numbers a build yields. Raised whenever a result's bits may change: files of different versions are never mixed. */
#ifndef NODESCALE_NUMERICS_H
#define NODESCALE_NUMERICS_H

enum { NS_NUMERICS_VERSION = 4 };

#endif
