// Written by samples/run functions.
const fdk = require('@fnproject/fdk')

fdk.handle(async function (input, ctx) {
  const name = input.name || 'World'
  console.log('saying hello to ' + name)
  await new Promise(resolve => setTimeout(resolve, Number(ctx.config.PAUSE_MS || 0)))
  return { message: 'Hello ' + name, process: process.pid }
})
