BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    # Makes the schedulers that PATH leads to: a crontab that keeps a file, and a systemctl that answers or not, and notes
    # what it is told.
    function Use-Scheduler([switch] $Systemd, [string] $Crontab) {
        $script:place = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        $script:table = Join-Path $place table
        $script:told = Join-Path $place told
        $env:XDG_CONFIG_HOME = Join-Path $place config
        $env:PATH = "$place$([System.IO.Path]::PathSeparator)$path"
        if (-not $Crontab) {
            $Crontab = @"
case "`$1" in
-l) if [ -f '$table' ]; then cat '$table'; else echo 'no crontab for me' >&2; exit 1; fi;;
-) cat > '$table';;
*) exit 2;;
esac
"@
        }
        Set-Content $place/crontab "#!/bin/sh`n$Crontab"
        Set-Content $place/systemctl "#!/bin/sh`necho `"`$*`" >> '$told'`nexit $($Systemd ? 0 : 1)"
        chmod +x $place/crontab $place/systemctl
    }

    function Get-Table { if (Test-Path $table) { [System.IO.File]::ReadAllText($table) } else { '' } }

    # Runs what the crontab's last line says, as cron does: with next to nothing in the environment.
    function Invoke-CronLine([string] $Extra = '') {
        $line = (Get-Content $table)[-1] -replace '^(\S+ ){5}' -replace '\\%', '%'
        env -i HOME=$env:HOME PATH=/usr/bin:/bin $Extra.Split(' ', [System.StringSplitOptions]::RemoveEmptyEntries) /bin/sh -c $line 2>&1
    }

    $path = $env:PATH
    $config = $env:XDG_CONFIG_HOME
}

Describe 'Register-UsageJob' -Skip:(-not $IsLinux) {
    BeforeEach {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        $storePath = Join-Path $folder "it's 100%.db"
        Connect-UsageStore $storePath -CustomerId "Bob's shop" -TimeZone Europe/Berlin
        Use-Scheduler
    }
    AfterEach {
        $env:PATH = $path
        $env:XDG_CONFIG_HOME = $config
        Disconnect-UsageStore
    }

    It 'registers with cron, where no systemd answers' {
        $job = Register-UsageJob Flush
        $job.Name, $job.Task, "$($job.Schedule)", $job.Scheduler | Should -Be Flush, Flush, 'every 5 minutes', cron
        $lines = (Get-Table) -split "`n"
        $lines.Count | Should -Be 3
        $lines[0] | Should -Be '# UsageTracking job Flush: Flush, every 5 minutes'
        $lines[1] | Should -BeLike "[*]/5 [*] [*] [*] [*] '*pwsh' -NoProfile -NonInteractive -Command *"
        $lines[1].Contains("'$(Convert-Path $PSScriptRoot/../module/UsageTracking.psd1)'".Replace("'", "'\''")) | Should -BeTrue
        Get-UsageJob | ForEach-Object { "$($_.Name) $($_.Schedule) $($_.Command -eq $job.Command)" } | Should -Be 'Flush every 5 minutes True'
        ($job | Out-String).Trim() -split '\r?\n' | Select-Object -Last 1 | Should -Match '^Flush Flush every 5 minutes cron\s*$'
    }

    It 'has schedules of each task' {
        $archives = New-Item -ItemType Directory "$folder/archives"
        Register-UsageJob AlertCheck | ForEach-Object { "$($_.Schedule)" } | Should -Be 'weekly on Monday at 09:00'
        Register-UsageJob Summary | ForEach-Object { "$($_.Schedule)" } | Should -Be 'daily at 02:00'
        Register-UsageJob Archive -Path $archives | ForEach-Object { "$($_.Schedule)" } | Should -Be 'monthly on day 1 at 03:00'
        Register-UsageJob Chart -Path "$folder/burndown.svg" -Every 06:00 | ForEach-Object { "$($_.Schedule)" } | Should -Be 'every 6 hours'
        (Get-UsageJob).Name | Should -Be AlertCheck, Archive, Chart, Summary
    }

    It 'replaces a job that is registered again, and leaves the rest of the crontab alone' {
        $others = "MAILTO=me`n# UsageTracking job old: mine`n*/7 * * * * echo \%x  `n"
        [System.IO.File]::WriteAllText($table, $others)
        $null = Register-UsageJob Flush
        $null = Register-UsageJob flush -Every 00:10
        "$((Get-UsageJob).Schedule)" | Should -Be 'every 10 minutes'
        Get-Table | Should -BeLike "$($others.Replace('*', '[*]'))*"
        Unregister-UsageJob FLUSH
        Get-Table | Should -BeExactly $others
        Get-UsageJob | Should -BeNullOrEmpty
    }

    It 'shows with -WhatIf what would be written, and writes nothing' {
        $text = Get-HostText { Register-UsageJob Summary -At 01:30 -WhatIf }
        $text | Should -BeLike '*What if: write to the crontab:*# UsageTracking job Summary: Summary, daily at 01:30*30 1 [*] [*] [*] *Update-UsageSummary*'
        $table | Should -Not -Exist
        $null = Register-UsageJob Summary
        Get-HostText { Unregister-UsageJob Summary -WhatIf } | Should -BeLike '*take the job out of cron*'
        (Get-UsageJob).Name | Should -Be Summary
    }

    It 'writes a job that works as cron runs it' {
        Set-UsageQuota bandwidth 100
        Add-UsageBandwidth 5GB
        Invoke-UsageFlush
        $null = Register-UsageJob Chart -Path "$folder/100% Bob's.svg"
        Invoke-CronLine | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 0
        Get-Content "$folder/100% Bob's.svg" -Raw | Should -BeLike "*Bob*s shop*"
    }

    It 'writes a job that stores what a dead session left' {
        $other = Invoke-OtherPwsh -ArgumentList $storePath {
            param($Path)
            Connect-UsageStore $Path
            Set-UsageOption -BatchTimeout 3600 -BatchSize 1000000
            Add-UsageRecord api 41 -CustomerId left
            Stop-Process -Id $PID -Force
        }
        $other | Should -BeNullOrEmpty
        $null = Register-UsageJob Flush
        Invoke-CronLine | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 0
        Invoke-Sql ([pscustomobject]@{ Path = $storePath }) "select sum(quantity) from billing_usage_records where customer_id = 'left'" | Should -Be 41
    }

    It 'writes an alert check that hands alerts to the action, or writes them out' {
        Set-UsageQuota bandwidth 100 -CustomerId a
        Set-UsageQuota bandwidth 100 -CustomerId b
        Add-UsageRecord bandwidth 95 -CustomerId a
        Invoke-UsageFlush
        $null = Register-UsageJob AlertCheck -Action { Add-Content "$env:HOME/told" $_.Message }
        $home1 = $env:HOME
        $env:HOME = $folder
        try { Invoke-CronLine | Should -BeNullOrEmpty } finally { $env:HOME = $home1 }
        Get-Content "$folder/told" | Should -BeLike '*bandwidth usage at 95%*'
        Add-UsageRecord bandwidth 95 -CustomerId b
        Invoke-UsageFlush
        $null = Register-UsageJob AlertCheck
        Invoke-CronLine | Out-String | Should -BeLike '*bandwidth usage at 95%*'
    }

    It 'leaves the store to the environment of the job, which must name one' {
        $null = Register-UsageJob Summary -StoreFromEnvironment
        Invoke-CronLine | Out-String | Should -BeLike '*USAGE_STORE is not set*'
        $LASTEXITCODE | Should -Be 1
        Invoke-CronLine "USAGE_STORE=$folder/of-environment.db" | Should -BeNullOrEmpty
        "$folder/of-environment.db" | Should -Exist
    }

    It 'takes a server without a password, and refuses one with it' {
        (Register-UsageJob Flush -ConnectionString 'Host=db.example;Database=usage;Username=me').Command |
            Should -BeLike '*Connect-UsageStore -ConnectionString *Host=db.example;*Username=me*'
        $before = Get-Table
        { Register-UsageJob Flush -ConnectionString 'Host=db.example;Username=me;Password=s3cret' } | Should -Throw '*pgpass*' -ErrorId 'PasswordInConnection,*'
        $Error[0].ToString() | Should -Not -BeLike '*s3cret*'
        Get-Table | Should -BeExactly $before
        Disconnect-UsageStore
        $env:USAGE_STORE = 'postgresql://me:s3cret@db.example/usage'
        try {
            { Register-UsageJob Flush } | Should -Throw -ErrorId 'PasswordInConnection,*'
        }
        finally {
            $env:USAGE_STORE = $null
            Disconnect-UsageStore
        }
    }

    It 'names a profile, whose customer and zone it has' {
        . $PSScriptRoot/ProfileHelpers.ps1
        Clear-Profile
        try {
            Save-UsageProfile prod -ConnectionString 'Host=db.example;Username=me;Password=s3cret' -SecretStore File -CustomerId "Bob's"
            (Register-UsageJob Flush -Profile PROD).Command | Should -BeLike "*Connect-UsageStore -Profile *prod*-CustomerId *Bob*s* -TimeZone *"
            Get-Table | Out-String | Should -Not -BeLike '*s3cret*'
            { Register-UsageJob Flush -Profile nosuch } | Should -Throw -ErrorId 'ProfileNotFound,*'
            Save-UsageProfile file "$folder/of-profile.db"
            $null = Register-UsageJob Summary -Profile file
            Invoke-CronLine "XDG_DATA_HOME=$env:XDG_DATA_HOME" | Should -BeNullOrEmpty
            "$folder/of-profile.db" | Should -Exist
        }
        finally { Clear-Profile }
    }

    It 'says what is wrong: <Id>' -ForEach @(
        @{ Id = 'InvalidSchedule'; Call = { Register-UsageJob Flush -Every 00:07 } }
        @{ Id = 'InvalidSchedule'; Call = { Register-UsageJob Summary -At 25:00 } }
        @{ Id = 'InvalidJobName'; Call = { Register-UsageJob Flush -Name 'a b' } }
        @{ Id = 'InvalidJob'; Call = { Register-UsageJob Archive } }
        @{ Id = 'InvalidJob'; Call = { Register-UsageJob Flush -Path . } }
        @{ Id = 'InvalidJob'; Call = { Register-UsageJob AlertCheck -Action ([scriptblock]::Create("a`nb")) } }
        @{ Id = 'InvalidJob'; Call = { Register-UsageJob AlertCheck -Action ([scriptblock]::Create("a # b`n")) } }
        @{ Id = 'FolderNotFound'; Call = { Register-UsageJob Archive -Path ./nosuch } }
        @{ Id = 'UnknownFormat'; Call = { Register-UsageJob Chart -Path chart.png } }
    ) {
        $Call | Should -Throw -ErrorId "$Id,*"
        $table | Should -Not -Exist
    }

    It 'never takes a crontab that cannot be read for an empty one' {
        Use-Scheduler -Crontab "[ `"`$1`" = -l ] && { echo 'you may not' >&2; exit 1; }; cat > '$TestDrive/written'"
        { Register-UsageJob Flush } | Should -Throw '*you may not*' -ErrorId 'SchedulerFailed,*'
        "$TestDrive/written" | Should -Not -Exist
    }

    It 'says so where nothing runs jobs' {
        $env:PATH = $folder
        { Get-UsageJob } | Should -Throw -ErrorId 'SchedulerNotFound,*'
    }

    It 'registers with systemd where it answers, takes the job from cron, and out again' {
        $null = Register-UsageJob Summary
        Use-Scheduler -Systemd
        # Once registered with cron, by way of su perhaps.
        Set-Content $table "# mine`n# UsageTracking job Summary: Summary, daily at 02:00`n0 2 * * * 'pwsh' -NoProfile -NonInteractive -Command 'x'"
        $job = Register-UsageJob Summary -At 04:00
        $job.Scheduler, "$($job.Schedule)" | Should -Be systemd, 'daily at 04:00'
        Get-Table | Should -Be "# mine`n"
        @(Get-UsageJob).Count | Should -Be 1
        $units = "$env:XDG_CONFIG_HOME/systemd/user"
        (Get-ChildItem $units).Name | Sort-Object | Should -Be usagetracking-summary.service, usagetracking-summary.timer
        Get-Content "$units/usagetracking-summary.timer" | Should -Contain 'OnCalendar=*-*-* 04:00:00'
        Set-Content "$units/usagetracking-mine.service" '[Unit]'
        (Get-UsageJob).Name | Should -Be Summary
        Get-UsageJob | Unregister-UsageJob
        (Get-ChildItem $units).Name | Should -Be usagetracking-mine.service
        Get-Content $told | Where-Object { $_ -notlike '*show-environment' } | Should -Be @(
            '--user daemon-reload', '--user enable usagetracking-summary.timer', '--user restart usagetracking-summary.timer'
            '--user disable --now usagetracking-summary.timer', '--user daemon-reload'
        )
    }
}
