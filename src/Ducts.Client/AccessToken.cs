namespace Ducts.Client;

/// <summary>Asks the application for the user's token. The token is in no exception.</summary>
internal static class AccessToken
{
    /// <summary>Returns the token; null if there is none.</summary>
    /// <exception cref="DuctsConnectionException">The application's function failed, or returned what no header can hold.</exception>
    public static async Task<string?> GetAsync(DuctsClientOptions options, CancellationToken cancellationToken)
    {
        if (options.AccessTokenProvider is not { } provider)
        {
            return null;
        }

        string? token;
        try
        {
            // A function that does not heed its cancellation is left behind.
            token = await provider(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DuctsConnectionException("AccessTokenProvider failed.", exception);
        }

        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        return token.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? throw new DuctsConnectionException("AccessTokenProvider returned a token with spaces, line breaks or other characters that a token cannot have.")
            : token;
    }
}
