using Ducts.Dispatch;
using Ducts.MessagePack;

namespace Ducts.BuiltIn;

/// <summary>LOGGING: writes what a client sends to the server's log.</summary>
internal sealed class LoggingEvent(DispatchLog log)
{
    // A client's line is for people to read, not for filling disks.
    private const int MaxLength = 8 * 1024;

    public void Handle(MessagePackElement data, IEventSession session)
    {
        var text = data.ToString();
        log.ClientLog(session.SessionId, text.Length <= MaxLength ? text : text[..MaxLength] + "…");
    }
}
