namespace Ducts.Redis.Subscriptions;

/// <summary>Takes the messages of a channel or pattern.</summary>
// Threading: called by the one thread that reads the subscribing connection, which it must not hold up.
internal interface IMessageSink
{
    /// <summary>A message came.</summary>
    void OnMessage(RedisMessage message);

    /// <summary>The subscription stands again after the connection was lost; messages may have been missed.</summary>
    void OnResubscribed();

    /// <summary>The client is being disposed of.</summary>
    void OnEnded();
}
