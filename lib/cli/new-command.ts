import type { Command } from 'commander'
import { newProject } from './new-project.js'
import { printLines } from './print.js'

/** `holdfast new NAME`: a protocol with its test, to begin with. */
export function addNew(program: Command): void {
  program
    .command('new')
    .description('write a project with a protocol of its own and its test')
    .argument('<name>', 'of the package, and of the directory that is made for it')
    .option('--js', 'JavaScript in place of TypeScript', false)
    .action((name: string, { js }: { js: boolean }) => {
      const files = newProject(name, js ? 'js' : 'ts')
      const steps = [`cd ${name}`, 'npm install', 'npm test', 'npm start']
      printLines([...files.map((file) => `${name}/${file}`), '', 'next:', ...steps.map(indented)])
    })
}

function indented(line: string): string {
  return `  ${line}`
}
