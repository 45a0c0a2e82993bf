namespace Ducts.Live.Reload;

/// <summary>For tests that watch the memory of the process or load the machine: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
