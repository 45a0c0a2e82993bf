namespace Ducts.Client;

/// <summary>Provides data for <see cref="DuctsClient.AuthenticationFailed"/>.</summary>
/// <param name="exception">What went wrong.</param>
public sealed class DuctsAuthenticationFailedEventArgs(DuctsNotAuthorizedException exception) : EventArgs
{
    /// <summary>Gets what went wrong; its inner exception is the cause, such as one that <see cref="DuctsClientOptions.AccessTokenProvider"/> threw.</summary>
    public DuctsNotAuthorizedException Exception { get; } = exception;
}
