const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  ctx.responseContentType = 'text/plain'
  return input.toUpperCase()
}, { inputMode: 'string' })
