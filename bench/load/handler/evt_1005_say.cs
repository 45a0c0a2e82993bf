public class Say : Speaker<Follow>
{
    public string Handle(string text)
    {
        Followers.Say(text);
        return text;
    }
}
