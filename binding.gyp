{
  # The build of consumers, and of a clone without cmake. The sources are those of addon/CMakeLists.txt.
  "target_defaults": {
    "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api"],
    # Swallow: a worker that is being terminated cannot be thrown at, and that is no reason to abort.
    "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-Wall", "-Wextra"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
      "GCC_ENABLE_CPP_RTTI": "NO",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/std:c++20"]}},
    "conditions": [["OS=='win'", {
      "defines": ["_WIN32_WINNT=0x0A00", "NOMINMAX"],
      "libraries": ["-lws2_32.lib"]
    }], ["OS=='linux'", {
      # As addon/CMakeLists.txt does, which says why. Clang would need a linker that knows its LTO.
      "variables": {"lto": "<!(node -p \"/clang/.test(process.env.CXX || '') ? '-fno-lto' : '-flto=auto'\")"},
      "cflags_cc": ["<(lto)"],
      "ldflags": ["<(lto)"]
    }]]
  },
  "targets": [
    {
      "target_name": "holdfast",
      "include_dirs": ["addon/src"],
      "sources": ["<!@(node -p \"require('fs').readFileSync('addon/sources.txt','utf8').trim().split(/\\s+/).map(f=>'addon/src/'+f).join(' ')\")"]
    }
  ],
  # Its tests need what only POSIX has.
  "conditions": [["OS!='win'", {
    "targets": [{"target_name": "testkit", "sources": ["addon/testkit/testkit.cc"]}]
  }]]
}
