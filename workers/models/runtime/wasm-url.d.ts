/** The address of a WebAssembly file in the built app. */
declare module "*.wasm?url" {
  const url: string;
  export default url;
}
