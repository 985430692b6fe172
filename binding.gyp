{
  "targets": [
    {
      "target_name": "rowtine",
      "sources": ["<!@(node tools/native-sources.mjs)"],
      "include_dirs": ["native-kernels/src", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags!": ["-O2"],
      "cflags_cc!": ["-std=gnu++17", "-fno-strict-aliasing"],
      "cflags_cc": ["-std=gnu++20", "-O3", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra"],
      "ldflags": ["-Wl,-z,nodelete"]
    }
  ]
}
