using UsageTracking.Jobs;

namespace UsageTracking.Tests.Jobs;

public sealed class JobScheduleTests
{
    [Theory]
    [InlineData(JobTask.Flush, null, null, "every 5 minutes")]
    [InlineData(JobTask.Flush, null, "02:30", "daily at 02:30")]
    [InlineData(JobTask.Flush, "daily", null, "daily at 00:00")]
    [InlineData(JobTask.Flush, "00:01:00", null, "every 1 minute")]
    [InlineData(JobTask.Summary, null, null, "daily at 02:00")]
    [InlineData(JobTask.Summary, null, "9:05", "daily at 09:05")]
    [InlineData(JobTask.Summary, "6:00", null, "every 6 hours")]
    [InlineData(JobTask.AlertCheck, null, null, "weekly on Monday at 09:00")]
    [InlineData(JobTask.AlertCheck, "Monthly", "23:59:00", "monthly on day 1 at 23:59")]
    [InlineData(JobTask.Archive, null, null, "monthly on day 1 at 03:00")]
    [InlineData(JobTask.Chart, null, null, "daily at 06:00")]
    public void A_schedule_is_the_tasks_own_but_for_what_is_given(JobTask task, string? every, string? at, string text)
    {
        JobSchedule schedule = JobSchedule.From(task, every, at);

        Assert.Equal(text, schedule.ToString());
        Assert.Equal(schedule, JobSchedule.Read(text));
    }

    [Theory]
    [InlineData("5", null)]
    [InlineData("1", null)]
    [InlineData("Interval", null)]
    [InlineData("Yearly", null)]
    [InlineData("00:07", null)]
    [InlineData("00:00:30", null)]
    [InlineData("00:07:30", null)]
    [InlineData("01:30", null)]
    [InlineData("05:00", null)]
    [InlineData("1.00:00", null)]
    [InlineData("-00:05", null)]
    [InlineData("00:05", "02:00")]
    [InlineData("Daily", "24:00")]
    [InlineData("Daily", "2")]
    [InlineData("Daily", "02:30:15")]
    public void What_no_scheduler_can_keep_is_refused(string every, string? at)
    {
        UsageException error = Assert.Throws<UsageException>(() => JobSchedule.From(JobTask.Flush, every, at));

        Assert.Equal("InvalidSchedule", error.ErrorId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a--b")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("-a")]
    [InlineData("a\n")]
    [InlineData("a%")]
    public void A_name_is_safe_in_every_scheduler(string name) =>
        Assert.Equal("InvalidJobName", Assert.Throws<UsageException>(() => UsageJob.CheckName(name)).ErrorId);
}
