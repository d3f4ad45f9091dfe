const fs = require('fs')
const fdk = require('@fnproject/fdk')

const seen = file => fs.existsSync(file) ? undefined : new Promise(next => setTimeout(next, 10)).then(() => seen(file))

// Tells of each run, before it answers: who is killed now has run. May be told to run until there is a file.
fdk.handle(function (input, ctx) {
  fs.appendFileSync(ctx.config.RUNS, ctx.callID + '\n')
  console.log('run of ' + ctx.callID)
  return new Promise(resolve => setTimeout(resolve, input.ms || 0)).then(() => input.until && seen(input.until)).then(() => {
    console.log('end of ' + ctx.callID)
    return { ran: ctx.callID, pid: process.pid }
  })
})
