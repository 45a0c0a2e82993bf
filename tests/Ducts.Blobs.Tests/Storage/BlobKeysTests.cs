using Ducts.Blobs.Storage;

namespace Ducts.Blobs.Tests.Storage;

public sealed class BlobKeysTests
{
    [Theory]
    [InlineData("ducts.unittest.group.0", "", "bc9810181d68f079c2553334b67bd6da13b5515e")]
    [InlineData("bc9810181d68f079c2553334b67bd6da13b5515e", "", "bc9810181d68f079c2553334b67bd6da13b5515e")]
    [InlineData("bc9810181d68f079c2553334b67bd6da13b5515e", "any", "bc9810181d68f079c2553334b67bd6da13b5515e")]
    [InlineData("::ducts.unittest.group.0::", "", "bc9810181d68f079c2553334b67bd6da13b5515e")]
    public void A_group_key_is_the_hash_of_its_parts(string key, string space, string expected) =>
        Assert.Equal(expected, BlobKeys.GroupKeyOf(key, space));

    [Theory]
    [InlineData("b::c", "a", "a::b::c")]
    [InlineData("c", "a::b", "a::b::c")]
    [InlineData("::c", "a::::b::", "a::b::c")]
    [InlineData("c", "", "c")]
    public void A_group_text_is_the_parts_of_namespace_and_key(string key, string space, string expected) =>
        Assert.Equal(expected, BlobKeys.GroupTextOf(key, space));

    [Theory]
    [InlineData("requirements.txt", "19359a61ae2446b51b549167b014da2fcf265768")]
    [InlineData("/", "42099b4af021e53fd8fd4e056c2568d7c2e3ffa8")]
    [InlineData("0123456789abcdef0123456789ABCDEF01234567", "0123456789abcdef0123456789ABCDEF01234567")]
    public void A_content_key_is_the_hash_of_its_name(string name, string expected) =>
        Assert.Equal(expected, BlobKeys.ContentKeyOf(name));

    [Theory]
    [InlineData("0000000000000000000000000000000000000000", false)]
    [InlineData("0000000000000000000000000000000000000001", true)]
    [InlineData("g123456789abcdef0123456789abcdef01234567", false)]
    [InlineData("123456789abcdef0123456789abcdef01234567", false)]
    [InlineData("", false)]
    public void Forty_hex_digits_are_a_hash_unless_all_are_zero(string key, bool expected) => Assert.Equal(expected, BlobKeys.IsHash(key));

    [Fact]
    public void An_empty_key_is_a_key_error()
    {
        Assert.Equal("KeyError", Assert.Throws<EventException>(() => BlobKeys.ContentKeyOf("")).Name);
        Assert.Equal("KeyError", Assert.Throws<EventException>(() => BlobKeys.GroupKeyOf("", "")).Name);
    }
}
