#!/usr/bin/env bash
# A second Chromium whose software WebGPU adapter is Mesa's lavapipe instead of SwiftShader: it has shader-f16 and subgroups, as most
# visitors' GPUs have, and is about ten times as fast as SwiftShader. For Debian. Prints the path of the executable.
# usage: setup.sh FOLDER     (FOLDER is made anew; packages that are missing are installed, which takes root)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:?usage: setup.sh FOLDER}
need=()
for package in chromium mesa-vulkan-drivers libvulkan-dev gcc libc6-dev; do
  dpkg -s "$package" >/dev/null 2>&1 || need+=("$package")
done
if [ ${#need[@]} -gt 0 ]; then
  apt-get update >&2
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${need[@]}" >&2
fi
rm -rf "$to"
mkdir -p "$to"
cp -a /usr/lib/chromium/. "$to/"
# Chromium's own drawing stays on SwiftShader (the ICD file); WebGPU loads libvk_swiftshader.so by name.
mv "$to/libvk_swiftshader.so" "$to/libvk_swiftshader_real.so"
printf '%s\n' '{"file_format_version": "1.0.0", "ICD": {"library_path": "./libvk_swiftshader_real.so", "api_version": "1.0.5"}}' >"$to/vk_swiftshader_icd.json"
gcc -O2 -shared -fPIC -o "$to/libvk_swiftshader.so" "$here/lavapipe-as-swiftshader.c" -ldl
echo "$(cd "$to" && pwd)/chromium"
