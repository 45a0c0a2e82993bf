namespace Ducts.EndToEnd.Cluster;

/// <summary>What a client of <see cref="ChaosTests"/> has seen.</summary>
/// <param name="Name">Its name, which the ids of its calls begin with.</param>
/// <param name="Answered">The ids of its calls that were answered.</param>
/// <param name="Failed">Those that failed, each because its session began anew or ended.</param>
/// <param name="Begun">How often its client said that its session began anew.</param>
/// <param name="Items">How many items its streams brought.</param>
/// <param name="Pushes">How many pushes came.</param>
/// <param name="Places">Where its calls ran, in their order.</param>
/// <param name="Wrong">What was missing, doubled or out of order.</param>
internal sealed record ChaosResult(string Name, string[] Answered, string[] Failed, int Begun, int Items, int Pushes, ChaosPlace[] Places, string[] Wrong);

/// <summary>Where a call ran.</summary>
internal sealed record ChaosPlace(string Session, int Pid);
