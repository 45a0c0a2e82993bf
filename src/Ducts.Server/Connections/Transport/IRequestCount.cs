namespace Ducts.Connections.Transport;

/// <summary>A feature of connections that want to know whether a request of theirs is being answered.</summary>
internal interface IRequestCount
{
    /// <summary>A request begins to be answered.</summary>
    void Began();

    /// <summary>A request has been answered, as far as the application is concerned.</summary>
    void Ended();
}
