namespace Ducts.Load.Peers;

/// <summary>The record of six fields.</summary>
internal sealed record LoadItem(int Id, string Name, double Price, bool Sold, long Stock, string Note);
