BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

# What each scheduler keeps is tested with Register-UsageJob.
Describe 'Unregister-UsageJob' -Skip:(-not $IsLinux) {
    BeforeAll {
        $path = $env:PATH
        $table = Join-Path $TestDrive table
        Set-Content $TestDrive/crontab "#!/bin/sh`nif [ `$1 = -l ]; then cat '$table'; else cat > '$table'; fi"
        Set-Content $TestDrive/systemctl "#!/bin/sh`nexit 1"
        chmod +x $TestDrive/crontab $TestDrive/systemctl
        $env:PATH = "$TestDrive$([System.IO.Path]::PathSeparator)$path"
    }
    BeforeEach {
        Set-Content $table (@('0 0 * * * mine') + (@('Flush', 'Chart', 'flush-b') | ForEach-Object {
                    "# UsageTracking job $($_): Flush, every 5 minutes", "*/5 * * * * 'pwsh' -NoProfile -NonInteractive -Command '$_'"
                }))
    }
    AfterAll { $env:PATH = $path }

    It 'takes names in any case, and wildcards' {
        Unregister-UsageJob FLUSH
        (Get-UsageJob).Name | Should -Be Chart, flush-b
        Unregister-UsageJob *
        Get-Content $table | Should -Be '0 0 * * * mine'
        Unregister-UsageJob x*
    }

    It 'takes objects with a name, and writes nothing' {
        [pscustomobject]@{ Name = 'chart' } | Unregister-UsageJob | Should -BeNullOrEmpty
        Get-UsageJob | Unregister-UsageJob
        Get-Content $table | Should -Be '0 0 * * * mine'
    }

    It 'has an error for each name of no job, and goes on' {
        Unregister-UsageJob nosuch, Flush -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem.FullyQualifiedErrorId | Should -BeLike 'JobNotFound,*'
        $problem.TargetObject | Should -Be nosuch
        (Get-UsageJob).Name | Should -Be Chart, flush-b
    }
}
