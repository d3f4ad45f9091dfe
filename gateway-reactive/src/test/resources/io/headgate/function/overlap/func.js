const fdk = require('@fnproject/fdk')

let running = 0
let most = 0

// Tells how many calls this process has had at one time at most.
fdk.handle(async () => {
  most = Math.max(most, ++running)
  await new Promise(resolve => setTimeout(resolve, 1 + Math.random() * 4))
  running--
  return { pid: process.pid, most }
})
