using Ducts.Load;

if (args is [GreedyCalls.Argument, .. var greedy])
{
    await GreedyCalls.RunAsync(greedy);
    return 0;
}

if (args is [MessageFlood.Argument, .. var flood])
{
    await MessageFlood.RunAsync(flood);
    return 0;
}

if (!LoadOptions.TryParse(args, out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(LoadOptions.Usage);
    return 1;
}

await Runner.RunAsync(options);
return 0;
