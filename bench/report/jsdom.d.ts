// The package has no types of its own; a document to draw in is all that is taken from it.
declare module 'jsdom' {
  export class JSDOM {
    constructor(html: string)
    readonly window: { readonly document: object }
  }
}
