const fs = require('fs')
const fdk = require('@fnproject/fdk')

// Tells of each run, before it answers: who is killed now has run.
fdk.handle(function (input, ctx) {
  fs.appendFileSync(ctx.config.RUNS, ctx.callID + '\n')
  console.log('run of ' + ctx.callID)
  return new Promise(resolve => setTimeout(resolve, input.ms || 0)).then(() => {
    console.log('end of ' + ctx.callID)
    return { ran: ctx.callID, pid: process.pid }
  })
})
