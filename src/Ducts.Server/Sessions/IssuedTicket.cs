namespace Ducts.Sessions;

/// <summary>What service discovery tells the client of a session to be.</summary>
/// <param name="Id">The session's id for URLs.</param>
/// <param name="Key">The session's key, in base64, which is in no URL.</param>
internal readonly record struct IssuedTicket(string Id, string Key);
