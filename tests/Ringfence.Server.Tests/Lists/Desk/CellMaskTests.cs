using Ringfence.Lists;
using Ringfence.Server.Lists.Desk;
using Xunit;

namespace Ringfence.Server.Tests.Lists.Desk;

public sealed class CellMaskTests
{
    [Theory]
    [InlineData(ListField.Phone, "+44 20 7946 0100", "+•• •• •••• ••••")]
    [InlineData(ListField.Name, "Käthe Großmann", "K•••• G•••••••")]
    [InlineData(ListField.Name, "王小明", "•••")]
    [InlineData(ListField.Email, "ann@example.org", "a••@•••••••.•••")]
    [InlineData(ListField.None, "call Ann", "c••• A••")]
    [InlineData(ListField.Consent, "yes", "yes")]
    [InlineData(ListField.Consent, "+442079460100", "+••••••••••••")]
    [InlineData(ListField.Source, "ann@example.org", "a••@•••••••.•••")]
    [InlineData(ListField.Source, "webform EN", "webform EN")]
    [InlineData(ListField.ConsentAt, "Tue, 29 Jul 2025 08:33:00 +0000", "Tue, 29 Jul 2025 08:33:00 +0000")]
    [InlineData(ListField.ConsentAt, "2026-03-03T12:00:00Z", "2026-03-03T12:00:00Z")]
    [InlineData(ListField.ConsentAt, "442079460100", "••••••••••••")]
    [InlineData(ListField.LastActivity, "ann@example.org", "a••@•••••••.•••")]
    [InlineData(ListField.Name, "a\u202eb\tc", "a•• c")]
    public void A_cell_is_shown_whole_only_where_it_names_nobody(ListField field, string cell, string shown) => Assert.Equal(shown, CellMask.Of(field, cell));
}
