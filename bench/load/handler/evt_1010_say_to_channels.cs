public class SayToChannels : Speaker<FollowChannel>
{
    public string Handle(string text)
    {
        Followers.Say(text);
        return text;
    }
}
