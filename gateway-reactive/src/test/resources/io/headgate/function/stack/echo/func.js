const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  const said = typeof input === 'object' ? input.say : input
  console.log('one line: ' + said)
  console.error('another line: ' + said)
  return new Promise(resolve => setTimeout(resolve, input.ms || 0)).then(() => ({ said, pid: process.pid, type: ctx.contentType, asked: ctx.getHeader('X-Asked') }))
})
