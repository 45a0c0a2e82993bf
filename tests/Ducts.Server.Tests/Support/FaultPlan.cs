namespace Ducts.Tests.Support;

/// <summary>What a proxy does to one connection.</summary>
/// <param name="CutAfterFromServer">Bytes from the server after which both sides are cut.</param>
/// <param name="CutAfterFromClient">Bytes from the client after which both sides are cut.</param>
/// <param name="LargestPiece">Bytes that are handed on at once.</param>
/// <param name="DelayEvery">After so many pieces a pause is made; 0 for none.</param>
/// <param name="Kind">What is done when the bytes are used up, or the time.</param>
/// <param name="Milliseconds">The time after which it is done at the latest; -1 for never.</param>
/// <param name="PauseMilliseconds">How long a connection is half open, or how late the bytes of an old one are.</param>
/// <param name="IsBehindHandshake">Whether bytes count only from the end of the HTTP handshake on.</param>
/// <param name="LosesRefusal">Whether a close frame with the code 1009 is swallowed, and both sides are cut instead.</param>
internal sealed record FaultPlan(
    long CutAfterFromServer = long.MaxValue,
    long CutAfterFromClient = long.MaxValue,
    int LargestPiece = int.MaxValue,
    int DelayEvery = 0,
    FaultKind Kind = FaultKind.Reset,
    int Milliseconds = -1,
    int PauseMilliseconds = 0,
    bool IsBehindHandshake = false,
    bool LosesRefusal = false)
{
    public static FaultPlan None { get; } = new();

    /// <summary>Faults that the generator chooses.</summary>
    public static FaultPlan From(Random random, int mostBytes) => new(
        random.Next(1, mostBytes),
        random.Next(4) == 0 ? random.Next(1, mostBytes) : long.MaxValue,
        random.Next(3) switch { 0 => 1, 1 => random.Next(1, 64), _ => int.MaxValue },
        random.Next(3) == 0 ? random.Next(1, 20) : 0);

    /// <summary>Faults of any kind, anywhere: within the handshake, HELLO or WELCOME, and far behind them.</summary>
    public static FaultPlan AnyFrom(Random random)
    {
        var place = random.Next(6);
        var most = place switch { 0 => 400, 1 => 130, 2 => 130, 3 => 3000, 4 => 50_000, _ => 3_000_000 };
        var isFromClient = place == 2 || (place > 2 && random.Next(2) == 0);
        var bytes = random.Next(most);
        var kind = random.Next(8) switch { < 3 => FaultKind.Reset, 3 => FaultKind.Finish, 4 => FaultKind.HalfOpen, _ => FaultKind.Late };
        return new FaultPlan(
            isFromClient ? long.MaxValue : bytes,
            isFromClient ? bytes : long.MaxValue,
            random.Next(3) switch { 0 when place < 4 => 1, 1 when place < 5 => random.Next(1, 256), _ => int.MaxValue },
            random.Next(3) == 0 ? random.Next(1, 20) : 0,
            kind,
            random.Next(20, 700),
            kind == FaultKind.HalfOpen && random.Next(4) == 0 ? 5_000 : random.Next(kind == FaultKind.Late ? 80 : 800),
            IsBehindHandshake: place > 0,
            LosesRefusal: random.Next(2) == 0);
    }
}
