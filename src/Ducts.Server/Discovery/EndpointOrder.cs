namespace Ducts.Discovery;

/// <summary>Orders of endpoints; ASP.NET Core's default is 0 and lower comes first.</summary>
internal static class EndpointOrder
{
    /// <summary>Of paths outside the protocol's own root: whatever an application maps there itself comes first.</summary>
    public const int Last = int.MaxValue - 1;
}
