const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  const name = input.name || 'World'
  console.log('saying hello to ' + name)
  return { message: 'Hello ' + name, call: ctx.callID, app: ctx.appName, type: ctx.contentType, greeting: ctx.config.GREETING }
})
