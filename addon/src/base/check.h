#pragma once

#include <cstdio>
#include <cstdlib>

// An invariant that also holds in production builds: a server that has lost count of its
// connections must stop where the mistake is visible, not answer one of them twice.
#define HF_CHECK(condition)                                                                        \
  do {                                                                                             \
    if (!(condition)) [[unlikely]] {                                                               \
      std::fprintf(stderr, "holdfast: %s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                                \
    }                                                                                              \
  } while (0)
