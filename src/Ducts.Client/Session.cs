namespace Ducts.Client;

/// <summary>A session as the client knows it.</summary>
/// <param name="Discovery">The reply of service discovery that it was opened with.</param>
/// <param name="Exchange">What counts its messages; null in version 1 of the protocol.</param>
internal sealed record Session(ServiceDiscovery Discovery, Exchange? Exchange);
