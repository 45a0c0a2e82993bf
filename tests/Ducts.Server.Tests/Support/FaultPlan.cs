namespace Ducts.Tests.Support;

/// <summary>What a proxy does to one connection.</summary>
/// <param name="CutAfterFromServer">Bytes from the server after which both sides are cut.</param>
/// <param name="CutAfterFromClient">Bytes from the client after which both sides are cut.</param>
/// <param name="LargestPiece">Bytes that are handed on at once.</param>
/// <param name="DelayEvery">After so many pieces a pause is made; 0 for none.</param>
internal sealed record FaultPlan(
    long CutAfterFromServer = long.MaxValue,
    long CutAfterFromClient = long.MaxValue,
    int LargestPiece = int.MaxValue,
    int DelayEvery = 0)
{
    public static FaultPlan None { get; } = new();

    /// <summary>Faults that the generator chooses.</summary>
    public static FaultPlan From(Random random, int mostBytes) => new(
        random.Next(1, mostBytes),
        random.Next(4) == 0 ? random.Next(1, mostBytes) : long.MaxValue,
        random.Next(3) switch { 0 => 1, 1 => random.Next(1, 64), _ => int.MaxValue },
        random.Next(3) == 0 ? random.Next(1, 20) : 0);
}
