using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Reports;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Compare, "UsageCost")]
[OutputType(typeof(UsageCostDifference))]
public sealed class CompareUsageCostCommand : RangeReportCmdlet
{
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public object[] Price { get; set; } = [];

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) =>
        Start is null ? TimeRange.LastMonth(now, zone) : TimeRange.CurrentMonth(now, zone);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        WarnOfArchived();
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var prices = Price.SelectMany(Unwrap.Items).Select(p => PriceReader.Read(p, Connection.Catalogue!, today)).ToList();
        foreach (UsageCostDifference difference in Wait(CostComparisonReport.ReadAsync(Connection.Store, Scope, prices, Cancel)))
            WriteObject(difference);
    }
}
