const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  ctx.setResponseHeader('X-Pid', process.pid)
  switch (input.mood) {
    case 'angry':
      throw new Error('told nobody')
    case 'sulking':
      return Promise.reject(new Error('told nobody'))
    case 'empty':
      return null
    case 'leaving':
      return process.exit(7)
    case 'lost in thought':
      console.log('thinking')
      return new Promise(() => {})
    case 'slow':
      console.log('thinking')
      return new Promise(resolve => setTimeout(() => resolve({ pid: process.pid }), input.ms))
    case 'boasting':
      ctx.setResponseHeader('X-Long', 'a'.repeat(input.bytes))
      return 'ok'
    case 'talkative':
      return 'b'.repeat(input.bytes)
    default:
      return { pid: process.pid }
  }
})
