const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  ctx.responseContentType = 'application/octet-stream'
  return Buffer.from(input).reverse()
}, { inputMode: 'buffer' })
