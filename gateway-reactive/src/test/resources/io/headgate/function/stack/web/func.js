const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  const http = ctx.httpGateway
  http.statusCode = Number(http.getHeader('X-Status'))
  http.setResponseHeader('X-Seen', http.getHeader('X-Asked'))
  http.addResponseHeader('Set-Cookie', 'a=1')
  http.addResponseHeader('Set-Cookie', 'b=2')
  http.setResponseHeader('Connection', 'x-seen')
  ctx.setResponseHeader('X-Between-Us', 'yes')
  return { method: http.method, url: http.requestURL, input }
})
