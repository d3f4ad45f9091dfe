const fdk = require('@fnproject/fdk')

fdk.handle(function (input, ctx) {
  switch (input.mood) {
    case 'angry':
      throw new Error('told nobody')
    case 'sulking':
      return Promise.reject(new Error('told nobody'))
    case 'empty':
      return null
    case 'leaving':
      return process.exit(7)
    case 'raving':
      for (let line = 1; line <= input.lines; line++) {
        console.log('line ' + line + ' of ' + input.call)
      }
      console.error('last words of ' + input.call)
      return input.fatal ? process.exit(7) : 'said'
    case 'lost in thought':
      return new Promise(() => {})
    case 'boasting':
      ctx.setResponseHeader('X-Long', 'a'.repeat(input.bytes))
      return 'ok'
    case 'talkative':
      return 'b'.repeat(input.bytes)
    default:
      return 'fine'
  }
})
