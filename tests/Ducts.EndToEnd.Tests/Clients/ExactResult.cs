namespace Ducts.EndToEnd.Clients;

/// <summary>What a session of <see cref="ExactTests"/> has seen.</summary>
/// <param name="Run">Its name.</param>
/// <param name="Last">The number of its last request.</param>
/// <param name="Refused">The numbers of those that were larger than the server takes.</param>
/// <param name="Pushes">How many pushes came.</param>
/// <param name="Items">How many items its streams brought.</param>
/// <param name="Wrong">What was missing, doubled or out of order.</param>
internal sealed record ExactResult(string Run, int Last, int[] Refused, int Pushes, int[] Items, string[] Wrong);
