using System.Text;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>How a session is closed.</summary>
/// <param name="Code">One of <see cref="CloseCode"/>.</param>
/// <param name="Reason">The reason, for its client.</param>
internal sealed record SessionEnd(int Code, string Reason)
{
    // What a close frame has room for behind its code.
    private const int MaxReason = 123;

    /// <summary>Another connection has taken the session, or its place.</summary>
    public static readonly SessionEnd Replaced = new(CloseCode.Replaced, "replaced");

    /// <summary>Its client has closed the connection, or does not come back: nobody is there to be told.</summary>
    public static readonly SessionEnd Left = new(CloseCode.Normal, "");

    /// <summary>What the two sides have counted, or kept, does not fit.</summary>
    public static SessionEnd OutOfStep(string reason) => new(CloseCode.OutOfStep, reason);

    /// <summary>Its client has asked for it.</summary>
    public static readonly SessionEnd AskedFor = new(CloseCode.Normal, "ended");

    /// <summary>Gets what a connection is told that was being opened when the session ended.</summary>
    /// <remarks>Who comes back is told to ask discovery anew, not that it has closed the connection itself.</remarks>
    public SessionEnd ToLateConnection => Code == CloseCode.Normal ? new SessionEnd(CloseCode.Ended, "the session is over") : this;

    /// <summary>Whether the session's ticket ends with it, so that its URL opens no other.</summary>
    public bool VoidsTicket => Code is CloseCode.Ended or CloseCode.RightsExpired or CloseCode.PolicyViolation or CloseCode.OutOfStep or CloseCode.Gap;

    /// <summary>Checks a reason that an application gives.</summary>
    /// <exception cref="ArgumentException">A close frame has no room for it.</exception>
    public static void CheckReason(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (Encoding.UTF8.GetByteCount(reason) > MaxReason)
        {
            throw new ArgumentException($"The reason has more than {MaxReason} bytes in UTF-8, which is what a close frame has room for.", nameof(reason));
        }
    }
}
