using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Lets no request of a session pass that is being ended.</summary>
internal sealed class EndedGate : IRequestGate
{
    public static readonly EndedGate Instance = new();

    private readonly string _refusal = ErrorText.Format(ErrorNames.Connection, "the session has been ended");

    public string? Refuse(int eventId) => eventId == ProtocolEvents.Cancel ? null : _refusal;
}
