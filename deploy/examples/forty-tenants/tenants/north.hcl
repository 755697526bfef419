# The hashes are random numbers: make your own with `tidegate hash-password`.
tenant "acacia" {
  user "acacia-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$6hB9kGlBso3hDkIeZ+sbWg$oDqApkox0Bmhq3ROnlOelexQa/vdIFdoBC3vmzlhe+w" }
  user "acacia-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$6DLxqeiRfiMTTMVf5DfUYQ$Cdb1e3HhY1dRnIEuWKxTfx17Xxx4bdbc85+efxDMFVA" }
  user "acacia-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$U58Om7nJ2qQSg/OCC20Vuw$kDkSDZwJhT5UXwwJtmas0/cRWZYO9zB/5PWH9Hbnx6g" }
  user "acacia-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$5vQMZt25ScneGmoEAlGnPQ$aK7ftwZrO0RUyDwicdr5LwQhlpoGcPe/Q9x0JcVQKBE" }
  user "acacia-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$4XrtyDuY/PB48UuZ/uiz1g$dBk/JAY7K2f4mnzOWvVm99aZJQZXOtm98NJmqKbFQzY" }
}
tenant "ash" {
  user "ash-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$3yuIDxy/b0Cm2z/zpuj3uA$a/N/rWev7VoUhOBbH0nImMpLV54OZxlQXF/YUoslyaQ" }
  user "ash-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$JS4GuK7hVYkwM7l86h/KDg$RXJ/fOxzYBvh/uS9CVXhTYBemT7+Zbvl7H1vHWWIn/0" }
  user "ash-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$KSx0Axreh+JwL/4Z791ukQ$1p8p+zhh9DCW6NqgMkANCMskNOrNDdzo3LPRVACg74s" }
  user "ash-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$STIA6kSZQfdXuNC21YDVVg$8OGfdWoypNp7UtB2+MXIWH9JomGjQUn0getFa46/NmM" }
  user "ash-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$uAbR/RCSCRXC0rlxQ8dSQA$rsyv6QxS0AM8VyDmJTkfWhkzFdTujaq2OB7AiB89RAI" }
}
tenant "beech" {
  user "beech-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$q1AuwsFvOMYtTbZ8u5/n5w$hYk4RQXMKs+2Wxrg5iOfjKj8CzIxZfGKHyqBMZEy2lA" }
  user "beech-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Yxy7PSsfX7GnuD5rwrvVSQ$Pqf/F/RBesYWJ/8HKQjWQ9FRRi/u0RcQ0MmbJMwQTD4" }
  user "beech-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$2ysbhSr4puHMuBgElVW5zw$UHyqtxYsdaQMj06HyBs98mJPF2SqecUKsljIiqJ1V5k" }
  user "beech-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$+gePrEpqjPfRkssm0+/hsg$WD+3mbZ4eTz5QgJV1uY1VDkhx426cnefnBJs7+0M0o4" }
  user "beech-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$HrVu0yHq5yZfw8M4iv2t3A$a9su24IULaQ7DqwsqL1Por2DduJIBAhJNeLtmR3IWQ0" }
}
tenant "cedar" {
  user "cedar-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$IDd8Hgs7DsfgdG9nPr3dag$nhSViweHzimHGf0EWUBeQQkA2Xvk/xKojDEB5rootMI" }
  user "cedar-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$eyhFYWHLS3dK54KdOay9tg$aQLJo4Ty84NLbhpBQNCEqK+LeskN+t62dIdYBE1EY3I" }
  user "cedar-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$2X+ghztrJLY/j7ZItp3pCw$U48nY/ARBYATD+0MzYfhR+7fFBxI/tZTP1vDKuuLqPY" }
  user "cedar-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$1TtLBN/+IvR8mCMqtJnt/w$uv+XNxcnvk30c9lMe4yl8s3SPeNaSFfC/BCqQ5y9aiQ" }
  user "cedar-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XWkdVda/dXYL8ZKrXKV87Q$4kc8D+G9SngMnkSsA4EIw+o0yWDZCsDpQfeawRFVdOw" }
}
tenant "cypress" {
  user "cypress-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$GGqOn+dlWp8zq+Hksx3kWQ$zaPMrc3mQO+kgi/h+WrGGzuC4BDYzQkHR2Pc11OvktM" }
  user "cypress-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ajAX7yXbQkVyIybcMGpIkg$i7ORDM+AeDKivoL+lxalTLE7hc5S/A67TQ51qWXFB5I" }
  user "cypress-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$RxYeWwUkxAAjfzpoBDctpw$TkBoV9zAiKQFkq6vLs/GQ+41cYYMpbzphdTTtTMEXh0" }
  user "cypress-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$sRf81gDBB9uEDFuPurS8/g$D5uLRp1+ofb7L3JA9pDaz5RfGHvmY3d7MmwhBDeOeDs" }
  user "cypress-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$VMloox07tu6U1goKk3vX3g$CFHkwLWcxtale/YD0UNsy/l0kPnvyxUI84d8Z6UyGnM" }
}
tenant "fig" {
  user "fig-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$pHLLUNwM4JCTdUhPftsSkw$eHqYIrJtJDdXctzTb7gSNPM96h/O4sCBT3qzflsZT0I" }
  user "fig-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$pmr3cmAvs4Rm/gCHDtCZyQ$WAh2uIG2sPufzWz1+8wk6Te3irJAq9bnG15VqVBHroA" }
  user "fig-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$hj6SC+8bpVVorjhC5kNwcA$tM+J9BDnsZ9WrzGDGi/dsdjmoaU/SrJcEcTSsniks38" }
  user "fig-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$7SatxUUQkXQRq6D9Jmtsuw$rWREBeP1A6T83jf6Apfo3V2z2qrolwVxaB+6MJsKYaE" }
  user "fig-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$gqc9tWxmjDNR5xrvFAuTzw$7atzFj+4TeiUvguAFenJE5RblAmUnT4qkjTBkJrvjvE" }
}
tenant "hickory" {
  user "hickory-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ZZULYECat7GdkoOpuqvQQA$HgO61AM72vxRr5LE1kMxvOiRLW90Q/EV+bh1VO2r/4E" }
  user "hickory-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$QfunfVkrRQrnt+daa072Mg$spEL0ezi6e259ChUl1JTfcpwHYWcUDojVzN5xrp/d1w" }
  user "hickory-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$kCeNBzhhmNnhmv/dCYEfKw$n7kJXvweqmspInrWe27cnoj8ses99dxoTZZtfUe2CYk" }
  user "hickory-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$tF+hH7lg9dgV1sWcz9SJLg$fg/D1zwFrVfnz96qzUDKnjyy0h6WuIhV4kCqvZkwIfs" }
  user "hickory-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$F28wQwu4x23/87WTbZI56w$zcWumUypEpFpKz7NS80119ff/M40QuOmxjov4PFg9Nw" }
}
tenant "larch" {
  user "larch-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$qOAQCdShH5MmiuMt8LZVyA$YLGErJ0l04ZMrIB3w4OgeRF7lTRPleX9xT6wvGn8d9Y" }
  user "larch-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$/PWKTlniSBr9rqYVIE5EVQ$4xMijJMuAqMKxdTx0LDUR2cVEoM17oLvuJqy1rzE2kE" }
  user "larch-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$+dFTl82vpv378xCwD1fw5g$+aSWyPGDBzyOhMI22jmd0VqlJbQ6N/pcdMzgt1eutro" }
  user "larch-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$5LzHu7+JeKIwXSb5NOhrOg$AGlY8qTEEDDPNe6ybjouvl2KXjXbZtreEZls38dcyww" }
  user "larch-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$kpA6ku+FWyQj0WJghyqupg$PkdlK/i1/GWGsuyEh013pMmh/Kg9N5xbIiaClPxmgJw" }
}
tenant "linden" {
  user "linden-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$w4947zbzppJCxs4qeYrxDg$rN31GcFT3V6NpZh78AHaCKn3nN5vQHLvQj3so+DrB7g" }
  user "linden-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$jEYh5dm4L3697sF9TDmKbw$FlHTwuy/WSo7HI6wLItz2QNNxzDI6viOKka3M4LLKNk" }
  user "linden-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$YakOq1kZxYv9hzyVOEthkg$Le0xJuxntF6/Yq7D4w6gwdapCFahWsFnJq240A1unzM" }
  user "linden-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$T9qP2TGEFCbfmZWE+IO/vw$14o4oNtgIeg0RxYE2TEE2IjnuFnlfvF7B8enhXVJhZs" }
  user "linden-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$fbMvOg1VrBdTxitbAc3M+w$KS82rvPoT66quOJaTxKVoZbEQwZGiwbX/AtUJhvidmI" }
}
tenant "oak" {
  user "oak-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$zZy4FyXbzbIF8Z1nWiO51Q$u3r3Lh1M04npTkv+ThesacPg4CWgG134Chl24QHWe+c" }
  user "oak-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$az5A9MCJ+DgqxlsEDerpHA$rH2EZhxI8xM3SKONZiDR+RJ4bRAHme+e95nHgWIdqwQ" }
  user "oak-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$GAer/RLRNe8/HqQk6bXC/g$aMWM+V8qvu+0qTQ8NCgJEuQWuax5Kg9+e3fLFnlUNes" }
  user "oak-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ff7wm4R7NjSzFffE5kWjcg$djEpp3zZyyFudUP4lig3Uwpc5atpimfx/Z/fkdJhj1Q" }
  user "oak-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$QgKcfsNkrmz+eI3O44gE6A$vhIgU85bbCe85hMGCG/RNHsixvi83QgEd0XesGBhi+k" }
}
tenant "pear" {
  user "pear-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$4S5Yq2oMdNnrH7eteoFL+A$c298dvOktmiqHsYj9M2D0LUiivhw5jrwumw5Z1rO/YI" }
  user "pear-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$BgbwQaw7AlBv1aRQqafRcw$EuI1YqexDfPSTRKGBGMS55cyeWTEWqYGoCoXq5VmDoQ" }
  user "pear-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$I+TLdcsk/s3bNKg9vaJcfQ$KEPe5vWHDVGunzgga9v9MkCTNO0HCnqIX60EDzJ5Xz8" }
  user "pear-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$vBn/1Yfity4MVmwTj7xv7g$+f5MZ5G4LmeWIZXAYJEPIeKmE9JDPnEhWcvow1tWOHY" }
  user "pear-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$5b99tq1YiX0xCvMg5b8NOQ$NmqIjBNCZZFQ3LFfxaIumf5vkzhu+JlgyHIQUeS/XFM" }
}
tenant "plum" {
  user "plum-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Qie3mFqGEYZeo/d9hTZCOQ$imXYZ8Z0MVMyfZkzTEaZN+OkGj+QuOLLIFKfVr1cKsM" }
  user "plum-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PHpLIUkg9uUtzgIJXwOjAg$47Zg//WasNv7ybHHhyVIj5R5ceR/sEk4QufiOWnL9zA" }
  user "plum-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XMrP7QpVkdK+rOuhvGt3pA$HfKuqcUedvGJntwrR/kraj3Rx8PTGj8ZrbFpPFiiIbw" }
  user "plum-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$DQzliVrMef1VHobXRU7VYQ$3ZhC3U0ef5mnVs7lwdsubIFbmyUXiwEdTu+8ErYXIW8" }
  user "plum-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0torUAMeTxvPwAzI78qfqQ$IBGgmczPLyuGIVNiSBTN/FrPxvD6qqeL4Z5NJtX8+3Q" }
}
tenant "spruce" {
  user "spruce-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$anoT9uM2Om1Op9lBKt8PpA$BUL7Nyq70SIzTg0e/N+H7UYU31ZNUNAe0KWLs26ajPk" }
  user "spruce-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$gSEHObxSrEyxhxLtVDnkCQ$QSFClpMiC4imM17lRpfzsQajW3VsyQR4zhyO+VwG4A0" }
  user "spruce-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$taeZ2KBTCVlyu1euLTNXdA$/pE+3zOqzI7JekjXqvoFSYQcdmB2WOjqF/2tZj4N/3A" }
  user "spruce-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$5pYHgLV3BPa1OfHRWc3z2Q$jIhc+7h1xHa27f9/LCmWnO8On/Cp1frpoypkmbLGGmQ" }
  user "spruce-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$SAXdpO5vM3KxBkav9KW08Q$HxWuge5UbbedYTL+s6KUaWIFp5P2ZE4+K1KPmNH69QI" }
}
tenant "yew" {
  user "yew-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$wS/cuUCaytmpjI4iCs48Rw$IAXCaYF5fi7ZLGA0pf0lQhk1oIYcM+SOvcwp3bkk8Dw" }
  user "yew-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$zFUpDWXf8/lkrKsxKz1/tA$Q6GhFuAlN1odcs5gZfXQeP/KmFzZKKQk/mx23cieGQk" }
  user "yew-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$jBNkskPduPdQCABj5y08rw$NmkV413gvBeaL7TXIPRA2bQS3pn2mddU+buW0QHKAPs" }
  user "yew-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$6lrKzss7MTMtIga4yz90lQ$8KreqFwhXWwz/icN0Bb33YzuYRcneb4ghNRQd3vrhBQ" }
  user "yew-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ByR6AQ+EC64TcSBQYEcZ5w$KVylGYjXy2joOrWH0qKUKZOMblfyuhgV3lcdTQFJt1I" }
}
