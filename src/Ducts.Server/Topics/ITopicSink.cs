namespace Ducts.Topics;

/// <summary>
/// Takes items in the place of a consumer that waits for the next one, on the topic's thread: what is to be done with each
/// of them is little, and waking the consumer would be most of it.
/// </summary>
// Threading: called by one thread at a time, and only while the consumer waits.
internal interface ITopicSink<T>
{
    /// <summary>Takes an item.</summary>
    /// <returns>False when the consumer has to wake for this one.</returns>
    bool TryTake(TopicItem<T> item);

    /// <summary>Nothing more is there for now.</summary>
    void Flush();
}
