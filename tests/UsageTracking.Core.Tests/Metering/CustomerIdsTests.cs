using UsageTracking.Metering;

namespace UsageTracking.Tests.Metering;

public sealed class CustomerIdsTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("a")]
    [InlineData("Acme GmbH & Co. [KG]")]
    [InlineData("user@example.com")]
    [InlineData("tenant:42/eu-west_1")]
    [InlineData("Größe")]
    [InlineData("顧客")]
    [InlineData("100%")]
    [InlineData("o'brien; DROP TABLE x --")]
    public void Ordinary_text_names_a_customer(string id) => Assert.Same(id, CustomerIds.Check(id));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData(" acme")]
    [InlineData("acme ")]
    [InlineData("acme\u00a0")]
    [InlineData("ac\nme")]
    [InlineData("ac\0me")]
    [InlineData("ac\u0085me")]
    [InlineData("*")]
    [InlineData("ac?e")]
    [InlineData("acme*")]
    public void Wildcards_controls_and_blanks_around_it_name_none(string? id)
    {
        UsageException error = Assert.Throws<UsageException>(() => CustomerIds.Check(id));
        Assert.Equal(("InvalidCustomerId", UsageErrorKind.InvalidInput, id), (error.ErrorId, error.Kind, error.Target));
    }

    [Fact]
    public void Half_a_character_names_none()
    {
        UsageException error = Assert.Throws<UsageException>(() => CustomerIds.Check("a" + (char)0xD800));
        Assert.Contains("U+D800", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void At_most_255_characters_are_kept()
    {
        string longest = new('x', 255);
        Assert.Same(longest, CustomerIds.Check(longest));
        UsageException error = Assert.Throws<UsageException>(() => CustomerIds.Check(longest + "x"));
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_customer_where_none_is_named_is_an_id_itself() => Assert.Equal("default", CustomerIds.Check(CustomerIds.Default));
}
