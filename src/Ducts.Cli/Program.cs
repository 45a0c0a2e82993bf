using Ducts.Cli.Commands;

return await CommandTree.RunAsync(args, Console.Out, Console.Error);
