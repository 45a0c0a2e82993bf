using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>Lets only those requests pass that a client needs to authenticate again or to end its session, after its user's authentication has expired.</summary>
internal sealed class ExpiredRightsGate : IRequestGate
{
    public static readonly ExpiredRightsGate Instance = new();

    private readonly string _refusal = ErrorText.Format(ErrorNames.Permission, "the authentication has expired; authenticate again");

    public string? Refuse(int eventId) => eventId is ProtocolEvents.Authenticate or ProtocolEvents.Cancel or ProtocolEvents.End ? null : _refusal;
}
