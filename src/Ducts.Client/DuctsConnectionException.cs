namespace Ducts.Client;

/// <summary>There is no connection, or it was lost; of a request that was sent the outcome is unknown.</summary>
public sealed class DuctsConnectionException : Exception
{
    /// <summary>Makes one without a reason.</summary>
    public DuctsConnectionException()
        : base("There is no connection to the server.")
    {
    }

    /// <summary>Makes one with a reason.</summary>
    /// <param name="message">What happened.</param>
    public DuctsConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a reason and what caused it.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What caused it.</param>
    public DuctsConnectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
