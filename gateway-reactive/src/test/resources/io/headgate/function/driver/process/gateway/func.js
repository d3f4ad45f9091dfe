const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  const http = ctx.httpGateway
  http.statusCode = 202
  http.setResponseHeader('X-Seen', http.getHeader('X-Asked'))
  http.addResponseHeader('X-Many', 'one')
  http.addResponseHeader('X-Many', 'two')
  return { method: http.method, url: http.requestURL }
})
