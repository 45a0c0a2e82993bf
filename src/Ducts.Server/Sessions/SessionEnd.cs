using System.Text;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <summary>How a session is closed.</summary>
/// <param name="Code">One of <see cref="CloseCode"/>.</param>
/// <param name="Reason">The reason, for its client.</param>
internal readonly record struct SessionEnd(int Code, string Reason)
{
    // What a close frame has room for behind its code.
    private const int MaxReason = 123;

    /// <summary>Whether the session's ticket ends with it, so that its URL opens no other.</summary>
    public bool VoidsTicket => Code is CloseCode.Ended or CloseCode.RightsExpired or CloseCode.PolicyViolation;

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
