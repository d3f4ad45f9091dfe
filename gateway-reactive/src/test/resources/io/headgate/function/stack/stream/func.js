const { Readable } = require('stream')
const fdk = require('@fnproject/fdk')

// Says some pieces, and then ends, or leaves in the middle.
fdk.handle(function (input, ctx) {
  ctx.responseContentType = 'text/plain'
  let left = input.pieces
  return fdk.streamResult(new Readable({
    read () {
      if (left-- > 0) {
        this.push('s'.repeat(1000) + '\n')
      } else if (input.leaves) {
        setTimeout(() => process.exit(1), 50)
      } else {
        this.push(null)
      }
    }
  }))
})
