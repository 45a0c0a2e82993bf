namespace Ducts.Sessions;

/// <summary>Stands before the requests of one session, beyond what holds for each event by itself.</summary>
/// <remarks>Threading: any thread.</remarks>
internal interface IRequestGate
{
    /// <summary>Returns the text of the error with which a request is answered instead of being handled; null where it may pass.</summary>
    /// <param name="eventId">The event that it calls.</param>
    string? Refuse(int eventId);
}
